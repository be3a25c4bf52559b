using CS3103P2P.Stun;

namespace CS3103P2P.Interop.Agent;

/// <summary>Says by which protocols the router would open ports.</summary>
internal static class RouterCommand
{
    public static async Task<int> RunAsync()
    {
        NatReport report = await NatDiagnosis.RunAsync(new NatDiagnosisOptions { Servers = [] });
        IEnumerable<string> protocols = report.PortMapping.Select(one => $"{one.Protocol}={one.Answers},{one.Failure},{one.ExternalAddress?.ToIPAddress()}");
        Console.Out.WriteLine($"router {string.Join(' ', protocols)} double={report.IsDoubleNat}");
        return 0;
    }
}
