import { expect, test } from '@jest/globals';
import type { Resource } from '../send-document.js';
import { withoutCircles } from './workspace-sideloads.js';

const links = { related: '/api/v2/projects/prj-1' };
const organization: Resource = {
  id: 'acme',
  type: 'organizations',
  relationships: { 'default-project': { data: { id: 'prj-1', type: 'projects' }, links } },
};
const project = (id: string): Resource => ({
  id,
  type: 'projects',
  relationships: { organization: { data: { id: 'acme', type: 'organizations' } } },
});

test('identifiers among what is included never lead in a circle', () => {
  expect(withoutCircles([organization, project('prj-1'), project('prj-2')])).toEqual([
    { ...organization, relationships: { 'default-project': { links } } },
    project('prj-1'),
    project('prj-2'),
  ]);
});

test.each([[[organization]], [[organization, project('prj-2')]], [[project('prj-1')]]])(
  'what leads in no circle stays as it is',
  (included) => {
    expect(withoutCircles(included)).toEqual(included);
  },
);
