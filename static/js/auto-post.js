// Carries a signed-in person on to their app; without scripts they use the button.
document.querySelector('[data-auto-post]').submit()
