using CS3103P2P.Protocol;

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
    /// <returns>The step, 0 for none, and the address seen last.</returns>
    public static async Task<(short Step, TransportAddress Last)> MeasureAsync(string server, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            StunBindingResult first = await AskAsync(server, limit.Token).ConfigureAwait(false);
            StunBindingResult second = await AskAsync(server, limit.Token).ConfigureAwait(false);
            if (!first.IsSuccess || !second.IsSuccess) return default;
            int step = second.MappedAddress.Port - first.MappedAddress.Port;
            bool isRule = step != 0 && Math.Abs(step) <= MaxStep && first.MappedAddress.AddressBits == second.MappedAddress.AddressBits;
            return isRule ? ((short)step, second.MappedAddress) : default;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return default;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return default;   // no socket to be had: nothing is known
        }
    }

    private static async Task<StunBindingResult> AskAsync(string server, CancellationToken cancellationToken)
    {
        await using StunClient client = StunClient.Bind();
        return await client.QueryAsync(server, cancellationToken).ConfigureAwait(false);
    }
}
