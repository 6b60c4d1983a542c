import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ProjectsDatabase } from './projects-database.js';

/** Closes the database when every handler has answered. */
@Injectable()
export class DatabaseCloser implements OnApplicationShutdown {
  constructor(private readonly database: ProjectsDatabase) {}

  onApplicationShutdown(): Promise<void> {
    return this.database.close();
  }
}
