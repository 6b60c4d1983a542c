import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'team' })
export class TeamEntity {
  /** `team-…` */
  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ name: 'organization_id', type: 'text' })
  organizationId: string;

  @Column({ type: 'text' })
  name: string;

  /** The one team of an organization that may do everything. */
  @Column({ name: 'is_owners', type: 'boolean' })
  isOwners: boolean;

  /** `manage-projects` …: those that it has. */
  @Column({ name: 'organization_access', type: 'text', array: true })
  organizationAccess: string[];

  @Column({ type: 'text' })
  visibility: 'secret' | 'organization';

  @Column({ name: 'sso_team_id', type: 'text', nullable: true })
  ssoTeamId: string | null;

  @Column({ name: 'allow_member_token_management', type: 'boolean' })
  allowMemberTokenManagement: boolean;
}
