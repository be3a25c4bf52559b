using System.Globalization;
using CS3103P2P.Stun;

namespace CS3103P2P.Interop.Agent;

internal static class PortMapCommand
{
    public static async Task<int> RunAsync(int port, string[] rest)
    {
        int lifetimeSeconds = rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 7200;
        await using (PortMapper.Start(new PortMapperOptions { Port = port, Lifetime = TimeSpan.FromSeconds(lifetimeSeconds), OnStatusChanged = Print }))
        {
            while (await Console.In.ReadLineAsync() is not null)
            {
                // Lines are not commands; only the end counts.
            }
        }

        return 0;
    }

    private static void Print(PortMappingStatus status) => Console.Out.WriteLine(
        $"settled={status.IsSettled} protocol={status.Protocol} udp={status.Udp} tcp={status.Tcp} pinhole={status.PinholeUdp} " +
        $"external={status.ExternalAddress} double={status.IsDoubleNat} failure={status.Failure}");
}
