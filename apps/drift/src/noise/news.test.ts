import { expect, test } from '@jest/globals';
import { type Hearing, newsOf, quietOf } from './news.js';

const now = new Date('2026-01-01T00:00:00Z');
const later = new Date(now.getTime() + 1);
const calm: Hearing = {
  rawFingerprint: null,
  fingerprint: null,
  error: null,
  acknowledged: null,
  snoozedUntil: null,
  toldRawFingerprint: null,
  toldFingerprint: null,
  failureTold: false,
};
const drifts = { rawFingerprint: 'R', fingerprint: 'F' };
const told = { toldRawFingerprint: 'R', toldFingerprint: 'F' };
const acknowledged = (rawFingerprint: string, fingerprint: string) => {
  return { acknowledged: { by: '', reason: '', at: '', rawFingerprint, fingerprint } };
};

test.each<[string, Partial<Hearing>, string]>([
  ['nothing', {}, 'nothing'],
  ['drift that nobody was told of', drifts, 'found'],
  ['drift that people know', { ...drifts, ...told }, 'nothing'],
  ['other drift than they know', { ...drifts, ...told, rawFingerprint: 'R2', fingerprint: 'F2' }, 'changed'],
  ['only what is ignored is other', { ...drifts, ...told, rawFingerprint: 'R2' }, 'nothing'],
  ['only the rules are other', { ...drifts, ...told, fingerprint: 'F2' }, 'nothing'],
  ['drift that is over', told, 'resolved'],
  ['all of it is ignored', { ...drifts, fingerprint: null }, 'nothing'],
  ['snoozed', { ...drifts, snoozedUntil: later }, 'nothing'],
  ['over while snoozed', { ...told, snoozedUntil: later }, 'nothing'],
  ['the snooze is over', { ...drifts, snoozedUntil: now }, 'found'],
  ['acknowledged', { ...drifts, ...acknowledged('R', 'F') }, 'nothing'],
  ['other drift was acknowledged', { ...drifts, ...acknowledged('R0', 'F0') }, 'found'],
])('drift: %s', (_what, more, expected) => {
  expect(newsOf({ ...calm, ...more }, now).drift).toBe(expected);
});

test.each<[string, Partial<Hearing>, string]>([
  ['it works', {}, 'nothing'],
  ['it fails', { error: 'x' }, 'failed'],
  ['it still fails', { error: 'x', failureTold: true }, 'nothing'],
  ['it works again', { failureTold: true }, 'recovered'],
  ['it fails while snoozed', { error: 'x', snoozedUntil: later }, 'nothing'],
])('checks: %s', (_what, more, expected) => {
  expect(newsOf({ ...calm, ...more }, now).check).toBe(expected);
});

test('what is quiet says why', () => {
  expect(quietOf({ ...calm, ...drifts }, now)).toBeNull();
  expect(quietOf({ ...calm, ...drifts, fingerprint: null }, now)).toBe('ignored');
  expect(quietOf({ ...calm, snoozedUntil: later }, now)).toBe('snoozed');
  expect(quietOf({ ...calm, ...drifts, ...acknowledged('R', 'F2') }, now)).toBe('acknowledged');
});
