// Names say what a test needs: *.test.ts nothing but the code, *.int.test.ts real Postgres, NATS, git or Terraform.
import { existsSync } from 'node:fs';

export default {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/packages/testing/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/packages/testing/jest/global-teardown.mjs',
  roots: ['apps', 'packages', 'e2e', 'bench', 'chaos', 'tools']
    .filter((name) => existsSync(new URL(name, import.meta.url)))
    .map((name) => `<rootDir>/${name}`),
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  workerIdleMemoryLimit: '400MB',
  testTimeout: 60_000,
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'es6' },
        sourceMaps: 'inline',
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
};
