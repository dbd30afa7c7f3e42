// The time zone: the one that the browser has sent with the request for this page, and the one that it sends from now on.
{
    const sent = (document.currentScript.dataset.zone ?? "").split("~").map((rule) => rule.split("."));

    /** How far the sent zone is ahead of UTC; both in minutes. Hydration computes the texts of the server with it. */
    globalThis.sentOffset = (minutes) => {
        let [[, offset]] = sent;
        for (const [start, next] of sent) if (start <= minutes) offset = next;
        return Number(offset);
    };

    const offsetAt = (minutes) => -new Date(minutes * 60000).getTimezoneOffset();
    const day = 1440;
    const now = Math.floor(Date.now() / 60000);
    const first = now - 2000 * day;
    const rules = [`${first}.${offsetAt(first)}`];
    // No two changes of a zone are within ten days.
    for (let start = first; start < now + 500 * day; start += 10 * day) {
        let [before, after] = [start, start + 10 * day];
        const offset = offsetAt(after);
        if (offset === offsetAt(before)) continue;
        while (after - before > 1) {
            const middle = Math.floor((before + after) / 2);
            if (offsetAt(middle) === offset) after = middle;
            else before = middle;
        }
        rules.push(`${after}.${offset}`);
    }
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // The server reads at most 16 rules.
    document.cookie = `provost-zone=${[zone, ...rules.slice(-16)].join("~")}; Path=/; Max-Age=31536000; SameSite=Lax`;
}
