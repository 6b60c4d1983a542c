import { expect, test } from '@jest/globals';
import { onlyAdds, tagChanges } from './tags.js';

const tag = (key: string, value = '') => ({ key, value });
const present = [tag('a', '1'), tag('b', '2')];

test('adding changes values and removes nothing', () => {
  const changes = tagChanges(present, [tag('b', '3'), tag('c')], 'add');
  expect(changes).toEqual({ added: [tag('c')], changed: [tag('b', '3')], removed: [] });
  expect(onlyAdds(changes)).toBe(false);
  expect(onlyAdds(tagChanges(present, [tag('b', '2'), tag('c')], 'add'))).toBe(true);
});

test('replacing leaves what was asked for and nothing else', () => {
  expect(tagChanges(present, [tag('b', '2')], 'replace')).toEqual({ added: [], changed: [], removed: ['a'] });
  expect(tagChanges(present, [], 'replace').removed).toEqual(['a', 'b']);
});

test('an eleventh tag is refused, a tenth is not', () => {
  const ten = Array.from({ length: 10 }, (_, index) => tag(`key-${index}`));
  expect(tagChanges(present, ten.slice(0, 8), 'add').added).toHaveLength(8);
  expect(() => tagChanges(present, ten.slice(0, 9), 'add')).toThrow('cannot exceed 10 bindings per resource');
  expect(tagChanges(ten, [...ten.slice(1), tag('new')], 'replace').added).toEqual([tag('new')]);
});
