// Shows the progress of a job: a bar that redraws itself on a terminal, plain lines elsewhere.
const WIDTH = 30;

export interface ProgressSink {
  show(progress: number, text: string): void;
  end(): void;
}

export function progressSink(stream: NodeJS.WriteStream): ProgressSink {
  return stream.isTTY ? bar(stream) : lines(stream);
}

function bar(stream: NodeJS.WriteStream): ProgressSink {
  return {
    show(progress, text) {
      const filled = Math.round(progress * WIDTH);
      stream.write(`\r\u001b[2K  [${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${percent(progress)} ${text}`);
    },
    end: () => stream.write("\n"),
  };
}

function lines(stream: NodeJS.WriteStream): ProgressSink {
  return { show: (progress, text) => stream.write(`  ${percent(progress)} ${text}\n`), end: () => undefined };
}

const percent = (progress: number): string => `${Math.round(100 * progress)} %`.padStart(5);
