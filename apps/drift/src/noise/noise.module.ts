import { Module } from '@nestjs/common';
import { CareForRecord } from './care-for-record.js';
import { KeepRules } from './keep-rules.js';
import { NoiseController } from './noise.controller.js';

@Module({ controllers: [NoiseController], providers: [CareForRecord, KeepRules] })
export class NoiseModule {}
