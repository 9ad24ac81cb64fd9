import type { Attributes, HrTime } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

// Spans made by the OpenTelemetry SDK, and sent by its own exporters.

export interface SpanSpec {
  readonly name?: string;
  readonly attributes?: Attributes;
  readonly events?: readonly { readonly name: string; readonly attributes: Attributes }[];
}

const START: HrTime = [1_780_000_000, 250_000_000];

/** Finished spans of one provider. */
export const spansOf = async (...specs: readonly SpanSpec[]) => {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('test');
  for (const { name = 'chat', attributes = {}, events = [] } of specs) {
    const span = tracer.startSpan(name, { startTime: START, attributes });
    for (const event of events) span.addEvent(event.name, event.attributes);
    span.end();
  }
  await provider.forceFlush();
  return exporter.getFinishedSpans();
};

type Spans = Awaited<ReturnType<typeof spansOf>>;

export type Encoding = 'protobuf' | 'json';

/** Sends spans as the encoding's exporter does; resolves to whether it counts them as delivered. */
export const exportTo = async (
  encoding: Encoding,
  base: string,
  spans: Spans,
  options: { readonly gzip?: boolean } = {},
): Promise<boolean> => {
  const Exporter = encoding === 'protobuf' ? ProtobufExporter : JsonExporter;
  const compression = (options.gzip ? 'gzip' : 'none') as never;
  const exporter = new Exporter({ url: `${base}/v1/traces`, compression, timeoutMillis: 60_000 });
  try {
    return await new Promise<boolean>((resolve) =>
      exporter.export(spans as never, ({ code }: { readonly code: number }) => resolve(code === 0)),
    );
  } finally {
    await exporter.shutdown();
  }
};

/** A chat span as GenAI instrumentations write it, its messages as strings of JSON. */
export const chatSpan = (thought: string, more: Attributes = {}): SpanSpec => ({
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'perch',
    'gen_ai.request.model': 'robin-2',
    'gen_ai.usage.reasoning.output_tokens': 40,
    'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Run the job.' }] }]),
    'gen_ai.output.messages': JSON.stringify([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: thought },
          { type: 'text', content: 'Done.' },
        ],
        finish_reason: 'stop',
      },
    ]),
    ...more,
  },
});

/** The same call as OpenInference's instrumentations flatten it. */
export const openinferenceSpan = (thought: string, more: Attributes = {}): SpanSpec => ({
  attributes: {
    'openinference.span.kind': 'LLM',
    'llm.model_name': 'tern',
    'llm.token_count.completion_details.reasoning': 7,
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.content': 'Run the job.',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.contents.0.message_content.type': 'reasoning',
    'llm.output_messages.0.message.contents.0.message_content.text': thought,
    'llm.output_messages.0.message.contents.1.message_content.type': 'text',
    'llm.output_messages.0.message.contents.1.message_content.text': 'Done.',
    ...more,
  },
});
