// Profiles of this process as gzipped pprof protobufs. The native module is loaded only where profiling is on.
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppError } from '@terramesh/contracts';

type Pprof = typeof import('@datadog/pprof');

const heapSampleBytes = 512 * 1024;
const heapStackDepth = 64;
const timeSampleMicros = 10_000;

@Injectable()
export class Profiler implements OnModuleInit {
  private loading: Promise<Pprof> | undefined;
  private isMeasuring = false;

  /** From now on the heap is sampled, so that a later profile has something to show. */
  async onModuleInit(): Promise<void> {
    await this.load();
  }

  async heap(): Promise<Buffer> {
    const pprof = await this.load();
    return pprof.encode(pprof.heap.profile());
  }

  /** Takes `seconds`. CONFLICT while another one is being taken. */
  async time(seconds: number): Promise<Buffer> {
    if (this.isMeasuring) throw new AppError('CONFLICT', 'another profile is being taken');
    this.isMeasuring = true;
    try {
      const pprof = await this.load();
      const profile = await pprof.time.profile({ durationMillis: seconds * 1000, intervalMicros: timeSampleMicros });
      return await pprof.encode(profile);
    } finally {
      this.isMeasuring = false;
    }
  }

  private load(): Promise<Pprof> {
    this.loading ??= import('@datadog/pprof').then((pprof) => {
      pprof.heap.start(heapSampleBytes, heapStackDepth);
      return pprof;
    });
    return this.loading;
  }
}
