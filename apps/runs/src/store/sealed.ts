// Encryption at rest: AES-256-GCM when a key is set. The first byte says which, so that a key may be added later.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '@terramesh/contracts';

const plain = 0;
const aes256gcm = 1;
const ivBytes = 12;
const tagBytes = 16;

/** `key` is 32 bytes, or null to store as it is. */
export function seal(key: Buffer | null, content: Buffer): Buffer {
  if (key === null) return Buffer.concat([Buffer.of(plain), content]);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const body = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([Buffer.of(aes256gcm), iv, cipher.getAuthTag(), body]);
}

/** Throws CONFLICT when the content was sealed with another key or was tampered with. */
export function unseal(key: Buffer | null, sealed: Buffer): Buffer {
  if (sealed[0] === plain) return sealed.subarray(1);
  if (key === null)
    throw new AppError('CONFLICT', 'stored content is encrypted and TERRAMESH_ENCRYPTION_KEY is not set');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + ivBytes));
  decipher.setAuthTag(sealed.subarray(1 + ivBytes, 1 + ivBytes + tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(1 + ivBytes + tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new AppError('CONFLICT', 'stored content cannot be decrypted with TERRAMESH_ENCRYPTION_KEY', { cause });
  }
}
