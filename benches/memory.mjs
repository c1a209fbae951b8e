// How much memory a tab takes, as the system counts it: Chromium says which processes are tabs, Linux what they hold.
// (The page cannot ask for itself: performance.measureUserAgentSpecificMemory needs an isolated page.)
import { readFileSync, writeFileSync } from "node:fs";

/** The kilobytes of a line of /proc/PID/status in bytes; undefined where there is no such file. */
function status(pid, field) {
  try {
    const line = readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"));
    return line ? Number(line[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}

async function tabs(browser) {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return processInfo.filter((process) => process.type === "renderer").map((process) => process.id);
  } finally {
    await session.detach();
  }
}

/**
 * Begins to watch. The function returned says what the busiest tab has held at most since (`peak`) and how much that is
 * above what it held now (`growth`), in bytes; null where the system does not say. Workers are part of their tab.
 */
export async function watchMemory(browser) {
  const before = new Map();
  for (const pid of await tabs(browser)) {
    const bytes = status(pid, "VmRSS");
    if (bytes === undefined) continue;
    before.set(pid, bytes);
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, "5"); // the peak counts from here
    } catch {
      // Not ours to reset: then it counts from the start of the tab.
    }
  }
  return async () => {
    let most = null;
    for (const pid of await tabs(browser)) {
      const peak = status(pid, "VmHWM");
      const growth = peak - (before.get(pid) ?? 0);
      if (before.has(pid) && peak !== undefined && growth > (most?.growth ?? -1)) most = { peak, growth };
    }
    return most;
  };
}

export const megabytes = (bytes) => bytes / 2 ** 20;
