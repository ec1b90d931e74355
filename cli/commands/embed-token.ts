import { Command } from 'commander'
import { createEmbedToken, removeEmbedToken } from '../../server/directory/embed-token.ts'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import { withDirectory } from './with-directory.ts'

/** `doorward embed-token`: the token with which other sites show people their apps. */
export const embedTokenCommand = (): Command =>
  new Command('embed-token')
    .description('make or remove the token of /client/apps/embed2')
    .addCommand(
      new Command('create')
        .description('make a token in place of the one before; it is shown this once')
        .action(() =>
          withDirectory(async (directory) => console.log(await createEmbedToken(directory, COMMAND_LINE))),
        ),
    )
    .addCommand(
      new Command('remove').description('take the token away: no other site shows anything').action(() =>
        withDirectory(async (directory) => {
          await removeEmbedToken(directory, COMMAND_LINE)
          console.log('removed')
        }),
      ),
    )
