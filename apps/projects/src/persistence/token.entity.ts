import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What is known of a token; never the token. */
@Entity({ name: 'token' })
export class TokenEntity {
  /** `at-…` */
  @PrimaryColumn({ type: 'text' })
  id: string;

  /** sha256 in hex. */
  @Column({ type: 'text' })
  hash: string;

  @Column({ name: 'account_id', type: 'text' })
  accountId: string;

  /** Null when it was made by the installation, or its maker is gone. */
  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy: string | null;

  @Column({ type: 'text' })
  description: string;

  /** The one token of its account that the next of its kind replaces. */
  @Column({ name: 'is_single', type: 'boolean' })
  isSingle: boolean;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null;

  @Column({ name: 'expired_at', type: 'timestamptz', nullable: true })
  expiredAt: Date | null;
}
