/** The two windows in which pages are tested: of a computer, and of a phone. */
import { devices } from "@playwright/test";

export const DESKTOP = { viewport: { width: 1280, height: 900 } };

export const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  userAgent: devices["Pixel 7"].userAgent,
};
