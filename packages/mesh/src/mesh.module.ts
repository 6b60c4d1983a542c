import { type DynamicModule, Module } from '@nestjs/common';
import type { MeshLink } from './link.js';
import { Mesh } from './mesh.js';

/** Provides `Mesh` to every module of the application. */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class MeshModule {
  static forRoot(link: MeshLink, serviceName: string): DynamicModule {
    const mesh = { provide: Mesh, useValue: new Mesh(link, serviceName) };
    return { module: MeshModule, global: true, providers: [mesh], exports: [mesh] };
  }
}
