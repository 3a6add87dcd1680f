// bolt4.mjs - @slack/bolt 4 (axios and ws where version 5 has fetch), unmodified, against the sandbox.
import { playBolt } from './lib_bolt.mjs';

await playBolt('bolt4', '4');
