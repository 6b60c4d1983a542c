// Key-value tags of projects and workspaces, and the rules they keep.
import { z } from 'zod';

export const TagBinding = z.object({
  /** `tb-…` */
  id: z.string(),
  key: z.string(),
  /** Empty when the tag has none. */
  value: z.string(),
});
export type TagBinding = z.infer<typeof TagBinding>;

/** Of one project or workspace. */
export const maxTagBindings = 10;
export const tooManyTagBindings = `cannot exceed ${maxTagBindings} bindings per resource`;

const maxKeyLength = 128;
const maxValueLength = 256;
const letters = /^[0-9A-Za-z_.=+\-@:]*$/;
const allowed = "letters, numbers, and the characters '_', '.', '=', '+', '-', '@' and ':'";
const reserved = /^hcp?:/i;

const TagKey = z.string({ error: 'Key must be a string' }).superRefine((key, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (key === '') refuse("Key can't be blank");
  if (key.length > maxKeyLength) refuse(`Key is too long (maximum is ${maxKeyLength} characters)`);
  if (!letters.test(key)) refuse(`Key may only contain ${allowed}`);
  if (reserved.test(key)) refuse("Key may not begin with the reserved prefix 'hc:' or 'hcp:'");
});

const TagValue = z.string({ error: 'Value must be a string' }).superRefine((value, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (value.length > maxValueLength) refuse(`Value is too long (maximum is ${maxValueLength} characters)`);
  if (!letters.test(value)) refuse(`Value may only contain ${allowed}`);
});

/** One item of a request; it has no id, unlike other JSON:API resources. */
const TagBindingItem = z.object(
  {
    type: z.literal('tag-bindings', { error: 'Type must be tag-bindings' }),
    attributes: z.object(
      { key: TagKey, value: TagValue.nullish().transform((value) => value ?? '') },
      { error: 'Attributes must be an object' },
    ),
  },
  { error: 'Tag binding must be an object' },
);

/** A whole set of tags as a request gives it: at most ten, each key once. */
export const TagBindingItems = z
  .array(TagBindingItem, { error: 'Tag bindings must be a list' })
  .superRefine((items, context) => {
    if (items.length > maxTagBindings) context.addIssue({ code: 'custom', message: tooManyTagBindings });
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const { key } = item.attributes;
      if (seen.has(key))
        context.addIssue({ code: 'custom', message: 'Key is given twice', path: [index, 'attributes', 'key'] });
      seen.add(key);
    }
  })
  .transform((items) => items.map(({ attributes }) => attributes));

/** The body of the paths that add or replace tags. */
export const TagBindingsDocument = z
  .object({ data: TagBindingItems })
  .meta({ id: 'TagBindingsDocument', description: 'Tags to add, or the whole set of tags.' });
