using CS3103P2P.Interop.Agent;

// Runs one part of the product in a process of its own, so that a test can put it into a network namespace.
// It prints one line a change and ends, cleaning up, when its standard input ends.
return args switch
{
    ["portmap", string port, .. string[] rest] => await PortMapCommand.RunAsync(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), rest),
    ["router"] => await RouterCommand.RunAsync(),
    ["lan", string name, string port] => await LanCommand.RunAsync(name, int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)),
    _ => 2,
};
