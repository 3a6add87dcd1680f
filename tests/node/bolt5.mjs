// bolt5.mjs - @slack/bolt 5, unmodified, against the sandbox.
import { playBolt } from './lib_bolt.mjs';

await playBolt('@slack/bolt', '5');
