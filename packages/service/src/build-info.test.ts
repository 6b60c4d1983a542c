import { expect, test } from '@jest/globals';
import { buildInfo } from './build-info.js';

test('the version is the one of the packages', () => {
  expect(buildInfo()).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node });
});
