// What could not be loaded because the server did not answer is loaded when it does again.

/** Between two questions whether the server is ready. */
const INTERVAL = 2000;
/** The page that was loaded again although the server was always ready while its error was shown: it is, once. */
const RETRIED = "provost-retried";
/** Whether the server was not ready while this error was shown. */
let wasAway = false;

async function check() {
    if (!document.querySelector("[data-offline]")) {
        wasAway = false;
        sessionStorage.removeItem(RETRIED);
        return;
    }
    const isReady = await fetch("/api/ready").then(({ ok }) => ok, () => false);
    if (!isReady) {
        wasAway = true;
    } else if (wasAway || sessionStorage.getItem(RETRIED) !== location.href) {
        sessionStorage.setItem(RETRIED, location.href);
        location.reload();
    }
}

setInterval(check, INTERVAL);
