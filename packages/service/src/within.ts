/** Whether `work` was done in time. Rejects when it rejects in time; a later rejection is ignored. */
export async function within(timeoutMs: number, work: Promise<unknown>): Promise<'done' | 'too late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'too late'>((resolve) => {
    timer = setTimeout(() => resolve('too late'), timeoutMs);
  });
  try {
    return await Promise.race([work.then(() => 'done' as const), late]);
  } finally {
    clearTimeout(timer);
  }
}
