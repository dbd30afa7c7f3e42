// The time zone: the one in which the server has rendered this page, the one that the person has chosen, and the one that the browser
// sends from now on.
{
    const sent = (document.currentScript.dataset.zone ?? "").split("~").map((rule) => rule.split("."));

    /** How far the zone of the page is ahead of UTC; both in minutes. Hydration computes the texts of the server with it. */
    globalThis.sentOffset = (minutes) => {
        let [[, offset]] = sent;
        for (const [start, next] of sent) if (start <= minutes) offset = next;
        return Number(offset);
    };

    let chosen;
    /** Makes this the chosen zone; false if the browser does not know it. */
    globalThis.chooseZone = (timeZone) => {
        const [year, month, day, hour, minute] = Array(5).fill("numeric");
        try {
            chosen = new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", year, month, day, hour, minute });
            return true;
        } catch {
            return false;
        }
    };
    /** How far the chosen zone is ahead of UTC; both in minutes. */
    globalThis.chosenOffset = (minutes) => {
        const at = Math.floor(minutes);
        const { year, month, day, hour, minute } = Object.fromEntries(
            chosen.formatToParts(at * 60000).map(({ type, value }) => [type, Number(value)]),
        );
        return Date.UTC(year, month - 1, day, hour, minute) / 60000 - at;
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
