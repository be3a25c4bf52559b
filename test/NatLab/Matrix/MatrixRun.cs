using System.Collections.Concurrent;
using System.Threading.Channels;

namespace CS3103P2P.NatLab;

/// <summary>Runs all transfers of a matrix, in as many laboratories as wanted; each is put up anew now and then, for a laboratory holds so many homes.</summary>
public static class MatrixRun
{
    private const int TransfersPerLab = 30;

    /// <summary>Runs them; results come as they are ready.</summary>
    public static async IAsyncEnumerable<MatrixResult> RunAsync(MatrixOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var waiting = new ConcurrentQueue<(NatKind Sharer, NatKind Downloader)>(options.Transfers);
        var results = Channel.CreateUnbounded<MatrixResult>();
        Task all = WorkAsync();
        await foreach (MatrixResult result in results.Reader.ReadAllAsync().ConfigureAwait(false)) yield return result;
        await all.ConfigureAwait(false);

        async Task WorkAsync()
        {
            Exception? failure = null;
            try
            {
                await Task.WhenAll(Enumerable.Range(0, options.Labs).Select(_ => WorkInLabsAsync(options, waiting, results.Writer))).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // whatever it is reaches the reader of the results
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = e;
            }

            results.Writer.Complete(failure);
        }
    }

    private static async Task WorkInLabsAsync(
        MatrixOptions options, ConcurrentQueue<(NatKind Sharer, NatKind Downloader)> waiting, ChannelWriter<MatrixResult> results)
    {
        while (!waiting.IsEmpty)
        {
            Matrix matrix = await Matrix.StartAsync(options).ConfigureAwait(false);
            await using (matrix.ConfigureAwait(false))
            {
                for (int i = 0; i < TransfersPerLab && waiting.TryDequeue(out (NatKind Sharer, NatKind Downloader) next); i++)
                {
                    results.TryWrite(await matrix.RunAsync(next.Sharer, next.Downloader).ConfigureAwait(false));
                }
            }
        }
    }
}
