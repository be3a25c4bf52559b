using CS3103P2P.Protocol;
using CS3103P2P.Transport;

namespace CS3103P2P.Stun.Connections;

/// <summary>
/// Sees how a NAT counts its ports: two new sockets ask a server one after the other, and the ports that the server sees lie apart by one step, if there is one.
/// </summary>
internal static class PortStepMeter
{
    /// <summary>Steps up to this one are a rule, larger ones chance or other traffic of the home.</summary>
    private const int MaxStep = 4;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Measures.</summary>
    /// <param name="beside">The shared socket.</param>
    /// <param name="server">The server, <c>host[:port]</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The step, 0 for none, and the address seen last.</returns>
    public static async Task<(short Step, TransportAddress Last)> MeasureAsync(DatagramEndpoint beside, string server, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, beside.TimeProvider);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            StunBindingResult first = await AskAsync(beside, server, limit.Token).ConfigureAwait(false);
            StunBindingResult second = await AskAsync(beside, server, limit.Token).ConfigureAwait(false);
            if (!first.IsSuccess || !second.IsSuccess) return default;
            int step = second.MappedAddress.Port - first.MappedAddress.Port;
            bool isRule = step != 0 && Math.Abs(step) <= MaxStep && first.MappedAddress.AddressBits == second.MappedAddress.AddressBits;
            return isRule ? ((short)step, second.MappedAddress) : default;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            return default;   // no socket to be had: nothing is known
        }
    }

    private static async Task<StunBindingResult> AskAsync(DatagramEndpoint beside, string server, CancellationToken cancellationToken)
    {
        // A thread may have a network of its own; the socket shall be in that of the shared one.
        await using StunClient client = await beside.InvokeAsync(() => StunClient.BindBeside(beside)).ConfigureAwait(false);
        return await client.QueryAsync(server, cancellationToken).ConfigureAwait(false);
    }
}
