import { commaList, defineSettings, type SettingsOf, setting } from '@terramesh/service';
import { z } from 'zod';

const seconds = z.coerce.number().int().min(1).max(604_800);
const days = z.coerce.number().int().min(1).max(3_650);
const token = z.string().min(1).optional();

export const runsSettings = defineSettings({
  databaseUrl: setting({
    env: 'DATABASE_URL',
    atlantis: 'TERRAMESH_DATABASE_URL',
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must be postgres://user:password@host:port/database'),
    description: 'The Postgres database: postgres://user:password@host:port/database.',
    secret: true,
  }),
  dataDir: setting({
    env: 'TERRAMESH_DATA_DIR',
    atlantis: 'ATLANTIS_DATA_DIR',
    schema: z.string().startsWith('/', 'must be an absolute path'),
    default: '/var/lib/terramesh',
    description: 'Where mirrors, checkouts, providers and running work lie. One process per directory.',
  }),
  runsPoolSize: setting({
    env: 'TERRAMESH_RUNS_POOL_SIZE',
    schema: z.coerce.number().int().min(4).max(100),
    default: 12,
    description: 'Most connections to Postgres of one runs process.',
  }),
  concurrency: setting({
    env: 'TERRAMESH_CONCURRENCY',
    atlantis: 'ATLANTIS_PARALLEL_POOL_SIZE',
    schema: z.coerce.number().int().min(1).max(500).optional(),
    description:
      'How many targets one runs process plans or applies side by side. Default: the number of processors, at least 2.',
  }),
  driftConcurrency: setting({
    env: 'TERRAMESH_DRIFT_CONCURRENCY',
    schema: z.coerce.number().int().min(1).max(500).optional(),
    description:
      'How many targets of drift detection and remediation one runs process works on side by side. The last free of several slots is always kept for other runs. Default: half of TERRAMESH_CONCURRENCY, at least 1.',
  }),
  leaseSeconds: setting({
    env: 'TERRAMESH_LEASE_SECONDS',
    schema: z.coerce.number().int().min(3).max(600),
    default: 30,
    description: 'How long a worker may be silent before its work is given to another.',
  }),
  lockWaitSeconds: setting({
    env: 'TERRAMESH_LOCK_WAIT_SECONDS',
    schema: z.coerce.number().int().min(0).max(86_400),
    default: 300,
    description: 'How long a target waits for a lock that another run holds before it fails.',
  }),
  stateLockTimeoutSeconds: setting({
    env: 'TERRAMESH_STATE_LOCK_TIMEOUT_SECONDS',
    schema: z.coerce.number().int().min(0).max(86_400),
    default: 60,
    description: 'How long Terraform waits for its own state lock (-lock-timeout).',
  }),
  initTimeoutSeconds: setting({
    env: 'TERRAMESH_INIT_TIMEOUT_SECONDS',
    schema: seconds,
    default: 900,
    description: 'How long terraform init may take.',
  }),
  planTimeoutSeconds: setting({
    env: 'TERRAMESH_PLAN_TIMEOUT_SECONDS',
    schema: seconds,
    default: 3_600,
    description: 'How long terraform plan may take.',
  }),
  applyTimeoutSeconds: setting({
    env: 'TERRAMESH_APPLY_TIMEOUT_SECONDS',
    schema: seconds,
    default: 14_400,
    description: 'How long terraform apply may take before it is asked to stop.',
  }),
  fetchTimeoutSeconds: setting({
    env: 'TERRAMESH_FETCH_TIMEOUT_SECONDS',
    schema: seconds,
    default: 900,
    description: 'How long one git fetch may take.',
  }),
  toolPreference: setting({
    env: 'TERRAMESH_DEFAULT_TF_DISTRIBUTION',
    atlantis: 'ATLANTIS_DEFAULT_TF_DISTRIBUTION',
    schema: z
      .enum(['terraform', 'opentofu', 'tofu', 'auto'])
      .transform((name) => (name === 'opentofu' ? ('tofu' as const) : name)),
    default: 'auto',
    description: 'Which CLI on PATH to run: terraform, opentofu, or auto (terraform if it is there).',
  }),
  terraformEnvironment: setting({
    env: 'TERRAMESH_TERRAFORM_ENV',
    schema: commaList,
    default: 'AWS_,GOOGLE_,CLOUDSDK_,ARM_,AZURE_,TF_VAR_,TF_TOKEN_',
    description:
      'Variables of this process that Terraform may see; one that ends in _ is a prefix. Nothing else is passed on but PATH, locale, proxy and certificate variables.',
  }),
  cliConfigFile: setting({
    env: 'TERRAMESH_TERRAFORM_CONFIG_FILE',
    schema: z.string().startsWith('/', 'must be an absolute path').optional(),
    description: 'A Terraform CLI configuration file (TF_CLI_CONFIG_FILE) for every run.',
  }),
  githubUser: setting({
    env: 'TERRAMESH_GITHUB_USER',
    atlantis: 'ATLANTIS_GH_USER',
    schema: z.string().min(1),
    default: 'x-access-token',
    description: 'User name that goes with the GitHub token.',
  }),
  githubToken: setting({
    env: 'TERRAMESH_GITHUB_TOKEN',
    atlantis: 'ATLANTIS_GH_TOKEN',
    schema: token,
    description: 'Token to clone from GitHub; without one only public repositories can be cloned.',
    secret: true,
  }),
  gitlabUser: setting({
    env: 'TERRAMESH_GITLAB_USER',
    atlantis: 'ATLANTIS_GITLAB_USER',
    schema: z.string().min(1),
    default: 'oauth2',
    description: 'User name that goes with the GitLab token.',
  }),
  gitlabToken: setting({
    env: 'TERRAMESH_GITLAB_TOKEN',
    atlantis: 'ATLANTIS_GITLAB_TOKEN',
    schema: token,
    description: 'Token to clone from GitLab.',
    secret: true,
  }),
  giteaUser: setting({
    env: 'TERRAMESH_GITEA_USER',
    atlantis: 'ATLANTIS_GITEA_USER',
    schema: z.string().min(1),
    default: 'token',
    description: 'User name that goes with the Gitea token.',
  }),
  giteaToken: setting({
    env: 'TERRAMESH_GITEA_TOKEN',
    atlantis: 'ATLANTIS_GITEA_TOKEN',
    schema: token,
    description: 'Token to clone from Gitea.',
    secret: true,
  }),
  encryptionKey: setting({
    env: 'TERRAMESH_ENCRYPTION_KEY',
    schema: z
      .string()
      .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64')
      .optional(),
    description: 'Encrypts stored plans and Terraform states: 32 bytes in base64 (openssl rand -base64 32).',
    secret: true,
  }),
  planRetentionDays: setting({
    env: 'TERRAMESH_PLAN_RETENTION_DAYS',
    schema: days,
    default: 7,
    description: 'How long the plan files of finished runs are kept.',
  }),
  runRetentionDays: setting({
    env: 'TERRAMESH_RUN_RETENTION_DAYS',
    schema: days,
    default: 365,
    description: 'How long finished runs with their logs are kept.',
  }),
  driftRunRetentionDays: setting({
    env: 'TERRAMESH_DRIFT_RUN_RETENTION_DAYS',
    schema: days,
    default: 30,
    description:
      'How long the runs of drift detection are kept, with their logs. What they found is kept by drift detection itself; runs that applied are kept as other runs are.',
  }),
});

export type RunsSettings = SettingsOf<typeof runsSettings>;
