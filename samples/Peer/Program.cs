using System.CommandLine;
using CS3103P2P.Samples;
using CS3103P2P.Samples.Peer;

// p2p-peer: share, get, ls, find, nat. Results go to standard output, messages for people to standard error.
var root = new RootCommand("Shares and fetches files directly between peers, verified and encrypted.");
CommonOptions common = CommonOptions.AddTo(root);
root.Subcommands.Add(ShareCommand.Create(common));
root.Subcommands.Add(GetCommand.Create(common));
root.Subcommands.Add(ListCommand.Create(common));
root.Subcommands.Add(FindCommand.Create(common));
root.Subcommands.Add(NatCommand.Create(common));

ParseResult parsed = root.Parse(args);
var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(5) };
int exitCode = await parsed.InvokeAsync(invocation);
return parsed.Errors.Count > 0 ? ExitCodes.WrongUsage : exitCode;
