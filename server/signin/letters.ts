import type { Write } from '../branding/post.ts'

/** Tells the owner of an account what the sign-in page keeps quiet about. */
export const lockLetter: Write = ({ t }) => ({
  subject: t('signin:lockLetter.subject'),
  opening: t('signin:lockLetter.opening'),
  paragraphs: [t('signin:lockLetter.you'), t('signin:lockLetter.notYou')],
})

/** Tells the owner of an account that its password is another one now. */
export const passwordChangedLetter: Write = ({ t }) => ({
  subject: t('signin:passwordChangedLetter.subject'),
  opening: t('signin:passwordChangedLetter.opening'),
  paragraphs: [t('signin:passwordChangedLetter.you'), t('signin:passwordChangedLetter.notYou')],
})
