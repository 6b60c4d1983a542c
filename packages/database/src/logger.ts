/** The part of a logger that this package uses; pino and the service package's logger have it. */
export interface DatabaseLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: DatabaseLogger = { info: () => {}, warn: () => {}, error: () => {} };
