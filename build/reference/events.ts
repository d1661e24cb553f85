// The events that endpoints receive, as the document's `webhooks`.
import { EVENTS, type EventType, TEST_EVENT } from "../../src/contract/events.ts";
import { AT } from "./examples/heads.ts";

const SHARE = { type: "object", properties: { version: { type: "integer" }, weight: { type: "number" } } };

/** The members that `data` can have: schema, and an example. */
const MEMBERS = {
  head: [{ type: "string" }, "tickets"],
  job: [{ type: "string" }, "job_7hG2kQmX4tRw9bNcYz1D"],
  version: [{ type: "integer" }, 2],
  split: [{ type: "array", items: SHARE }, [{ version: 2, weight: 1 }]],
  shadow: [{ type: ["integer", "null"] }, null],
  code: [{ type: "string" }, "not_enough_examples"],
  reason: [
    { type: "string" },
    'Training needs at least 2 labels with 2 different inputs each; there is only "delivery"',
  ],
  source: [{ type: "string" }, "src_9bNcYz1D7hG2kQmX4tRw"],
  endpoint: [{ type: "string" }, "ep_8y4KKX2FYP131C12aaT1"],
} as const;
type Member = keyof typeof MEMBERS;

/** Members of each event's data. One with a question mark may be missing. */
export const EVENT_DATA: Readonly<Record<EventType | typeof TEST_EVENT, readonly (Member | `${Member}?`)[]>> = {
  "job.succeeded": ["head", "job", "version?"],
  "job.failed": ["head", "job"],
  "job.cancelled": ["head", "job"],
  "version.created": ["head", "version", "job"],
  "version.promoted": ["head", "version"],
  "version.rolled_back": ["head", "version"],
  "traffic.changed": ["head", "split", "shadow"],
  "training.labels_left_out": ["head", "version", "job"],
  "training.refused": ["head", "code", "reason", "job?"],
  "source.failing": ["head", "source"],
  "drift.detected": ["head", "version"],
  "endpoint.disabled": ["endpoint"],
  [TEST_EVENT]: ["endpoint"],
};

const header = (name: string, description: string, example: string) => ({
  name,
  in: "header",
  required: true,
  description,
  schema: { type: "string" },
  example,
});

/** Standard Webhooks 1.0.0. */
export const EVENT_HEADERS = {
  "webhook-id": header("webhook-id", "The same in every attempt: process each event once", "msg_uyFVEurxsC0iho6xMcoj"),
  "webhook-timestamp": header("webhook-timestamp", "Unix seconds of the attempt", "1795426200"),
  "webhook-signature": header(
    "webhook-signature",
    "`v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body`; two, separated by a space, after a rotation",
    "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
  ),
};

const parameters = Object.keys(EVENT_HEADERS).map((name) => ({ $ref: `#/components/parameters/${name}` }));
const responses = {
  "2XX": { description: "The event is accepted. Answer within 20 seconds" },
  "410": { description: "The endpoint is disabled, and receives no more events" },
  default: { description: "The event is sent again later, at most nine more times over three days" },
};

export const eventHooks = () =>
  Object.fromEntries(
    Object.entries(EVENT_DATA).map(([type, members]) => {
      const content = { "application/json": { schema: schemaOf(type, members), example: exampleOf(type, members) } };
      const summary = type === TEST_EVENT ? "An event to try an endpoint: `endpoint`" : EVENTS[type as EventType];
      const operationId = `on_${type.replace(".", "_")}`;
      const requestBody = { required: true, content };
      return [
        type,
        { post: { tags: ["Events"], operationId, summary, security: [], parameters, requestBody, responses } },
      ];
    }),
  );

const nameOf = (member: string): Member => member.replace("?", "") as Member;

function schemaOf(type: string, members: readonly string[]) {
  const data = {
    type: "object",
    properties: Object.fromEntries(members.map((member) => [nameOf(member), MEMBERS[nameOf(member)][0]])),
    required: members.filter((member) => !member.endsWith("?")),
  };
  const properties = { type: { const: type }, timestamp: { type: "string", format: "date-time" }, data };
  return { type: "object", properties, required: Object.keys(properties) };
}

function exampleOf(type: string, members: readonly string[]) {
  const data = Object.fromEntries(members.map((member) => [nameOf(member), MEMBERS[nameOf(member)][1]]));
  return { type, timestamp: AT, data };
}
