// What could not be loaded because the server did not answer is loaded when it does again.

/** Between two questions whether the server is ready. */
const INTERVAL = 2000;
/** The page that was loaded again although the server was always ready while its error was shown: it is, once. */
const RETRIED = "provost-retried";
/** Whether the server was not ready while this error was shown. */
let wasAway = false;

/** Asks the server unless nothing has failed to load, or a dialog is open, in which a person may have typed something. */
async function check() {
    if (!document.querySelector("[data-offline]")) {
        wasAway = false;
        sessionStorage.removeItem(RETRIED);
        return;
    }
    if (document.querySelector("dialog:modal")) return;
    const limit = AbortSignal.timeout(INTERVAL);
    const isReady = await fetch("/api/ready", { cache: "no-store", signal: limit }).then(({ ok }) => ok, () => false);
    if (!isReady) {
        wasAway = true;
    } else if (wasAway || sessionStorage.getItem(RETRIED) !== location.href) {
        sessionStorage.setItem(RETRIED, location.href);
        // A person who answers the question of the browser with no is not asked again.
        wasAway = false;
        location.reload();
    }
}

function wait() {
    setTimeout(() => check().finally(wait), INTERVAL);
}

wait();
