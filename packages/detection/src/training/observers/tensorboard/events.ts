import { tfRecord } from "./record.js";
import { doubleField, field, floatField, varintField } from "./wire.js";

/** When something happened, and at which step. */
export interface Moment {
  /** seconds since 1970 */
  wallTime: number;
  step: number;
}

/** A picture as a file's bytes: PNG or JPEG. */
export interface EncodedPicture {
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** The first record of every event file. */
export const versionEvent = (moment: Moment): Uint8Array => event(moment, field(3, "brain.Event:2"));

/** Tells TensorBoard to forget what older files of the folder have from this step on. */
export const startEvent = (moment: Moment): Uint8Array => event(moment, field(7, varintField(1, 1)));

/** Numbers by the name under which TensorBoard draws them. */
export const scalarsEvent = (moment: Moment, scalars: ReadonlyMap<string, number>): Uint8Array =>
  summaryEvent(
    moment,
    [...scalars].map(([tag, value]) => [field(1, tag), floatField(2, value)]),
  );

const RGB = 3;

export const pictureEvent = (moment: Moment, tag: string, { width, height, bytes }: EncodedPicture): Uint8Array =>
  summaryEvent(moment, [[field(1, tag), field(4, [varintField(1, height), varintField(2, width), varintField(3, RGB), field(4, bytes)])]]);

const STRING = 7; // TensorFlow's number of the type

/** Text, of which TensorBoard reads Markdown. */
export const textEvent = (moment: Moment, tag: string, text: string): Uint8Array =>
  summaryEvent(moment, [
    [field(1, tag), pluginOf("text"), field(8, [varintField(1, STRING), field(2, field(2, varintField(1, 1))), field(8, text)])],
  ]);

/** What a plugin of TensorBoard is told under a tag of its own. */
export const pluginEvent = (moment: Moment, tag: string, plugin: string, content: Uint8Array): Uint8Array =>
  summaryEvent(moment, [[field(1, tag), pluginOf(plugin, content)]]);

const pluginOf = (name: string, content?: Uint8Array) => field(9, field(1, [field(1, name), ...(content ? [field(2, content)] : [])]));

/** TensorFlow's `Event` message with a `Summary` of values, each the fields of one. */
const summaryEvent = (moment: Moment, values: readonly (readonly Uint8Array[])[]) =>
  event(
    moment,
    field(
      5,
      values.map((value) => field(1, value)),
    ),
  );

const event = ({ wallTime, step }: Moment, content: Uint8Array): Uint8Array =>
  tfRecord(Buffer.concat([doubleField(1, wallTime), varintField(2, step), content]));
