using System.Net;
using CS3103P2P.Protocol;

namespace CS3103P2P.Stun.Diagnosis;

/// <summary>What a <see cref="HairpinProbe"/> found.</summary>
/// <param name="Hairpin">Whether the public address works from inside.</param>
/// <param name="Ports">Local ports, and those that the server saw.</param>
internal sealed record HairpinResult(NatHairpin Hairpin, IReadOnlyList<(ushort Local, ushort External)> Ports);

/// <summary>
/// Two sockets ask each other at their public addresses (RFC 4787 §6), both, since a NAT that hairpins filters as well: each question opens the filter for the other.
/// </summary>
internal static class HairpinProbe
{
    private static readonly StunClientOptions Patience = new() { Retransmission = new StunRetransmission(TimeSpan.FromMilliseconds(100), 4, 4) };   // 1.1 s

    public static async Task<HairpinResult> RunAsync(TransportAddress server, CancellationToken cancellationToken)
    {
        await using StunClient left = StunClient.Bind(new TransportAddress(IPAddress.Any, 0), Patience);
        await using StunClient right = StunClient.Bind(new TransportAddress(IPAddress.Any, 0), Patience);
        foreach (StunClient client in new[] { left, right })
            await client.Endpoint.InvokeAsync(() => client.Multiplexer.TryAttach(new StunResponderMachine(new StunResponder()))).ConfigureAwait(false);
        StunBindingResult[] seen = await Task.WhenAll(left.QueryAsync(server, cancellationToken), right.QueryAsync(server, cancellationToken)).ConfigureAwait(false);
        if (!seen.All(result => result.IsSuccess)) return new HairpinResult(NatHairpin.Unknown, []);
        StunBindingResult[] met = await Task.WhenAll(
            left.QueryAsync(seen[1].MappedAddress, cancellationToken), right.QueryAsync(seen[0].MappedAddress, cancellationToken)).ConfigureAwait(false);
        return new HairpinResult(
            met.Any(result => result.IsSuccess) ? NatHairpin.Works : NatHairpin.Fails,
            [(left.LocalAddress.Port, seen[0].MappedAddress.Port), (right.LocalAddress.Port, seen[1].MappedAddress.Port)]);
    }
}
