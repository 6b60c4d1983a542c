import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person, or the service user through which the tokens of a team or an organization act. */
@Entity({ name: 'account' })
export class AccountEntity {
  /** `user-…` */
  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ type: 'text' })
  username: string;

  /** Null for a service user. */
  @Column({ type: 'text', nullable: true })
  email: string | null;

  @Column({ name: 'is_site_admin', type: 'boolean' })
  isSiteAdmin: boolean;

  /** Of a team's service user. */
  @Column({ name: 'team_id', type: 'text', nullable: true })
  teamId: string | null;

  /** Of an organization's service user. */
  @Column({ name: 'organization_id', type: 'text', nullable: true })
  organizationId: string | null;
}
