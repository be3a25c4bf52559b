using System.CommandLine;

namespace CS3103P2P.Samples.Peer;

/// <summary><c>p2p-peer ls</c>: the names that the tracker lists, one a line.</summary>
internal static class ListCommand
{
    public static Command Create(CommonOptions common)
    {
        var command = new Command("ls", "Lists the files that the tracker knows.");
        command.SetAction((parsed, interrupted) => CommandRunner.RunAsync(
            common,
            parsed,
            async (node, token) =>
            {
                foreach (string name in await node.ListAsync(token))
                {
                    if (common.IsJson(parsed)) JsonEvents.Write("file", ("name", name));
                    else Console.WriteLine(name);
                }

                return ExitCodes.Done;
            },
            interrupted,
            AskOnly.Adjust));
        return command;
    }
}
