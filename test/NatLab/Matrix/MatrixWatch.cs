using System.Diagnostics;
using System.Text.Json;

namespace CS3103P2P.NatLab;

/// <summary>Follows the events of a downloader.</summary>
internal sealed class MatrixWatch(Process get, Stopwatch clock)
{
    private const string Relay = "relay";
    private readonly List<string> _paths = [];
    private TimeSpan? _direct;
    private long _bytesWhenDirect = -1;
    private long _bytes;
    private TimeSpan? _firstProgress;
    private TimeSpan _started;

    /// <summary>Reads until the end, or until data flows on a direct path when that is enough.</summary>
    /// <returns>Null when the program ended without the file.</returns>
    public async Task<MatrixResult?> RunAsync(MatrixResult begun, bool untilDirect, CancellationToken cancellationToken)
    {
        while (await get.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement fields = json.RootElement;
            switch (fields.GetProperty("event").GetString())
            {
                case "started": _started = clock.Elapsed; break;
                case "path": HandlePath(fields.GetProperty("kind").GetString()!); break;
                case "progress": HandleProgress(fields.GetProperty("verifiedBytes").GetInt64()); break;
                case "done": return Done(begun, fields);
                case "error": return begun with { Failure = fields.GetProperty("message").GetString() };
            }

            bool flowsDirectly = _bytesWhenDirect >= 0 && _bytes > _bytesWhenDirect;
            if (untilDirect && flowsDirectly) return begun with { IsCut = true, Paths = _paths, FirstByte = _firstProgress, FirstByteOfJob = _firstProgress - _started, Direct = _direct - _started, Total = clock.Elapsed };
        }

        return null;
    }

    private void HandlePath(string kind)
    {
        if (_paths.Count == 0 || _paths[^1] != kind) _paths.Add(kind);
        if (kind == Relay) (_direct, _bytesWhenDirect) = (null, -1);
        else if (_direct is null) (_direct, _bytesWhenDirect) = (clock.Elapsed, _bytes);
    }

    private void HandleProgress(long verified)
    {
        _bytes = verified;
        if (verified > 0) _firstProgress ??= clock.Elapsed;
    }

    private MatrixResult Done(MatrixResult begun, JsonElement done)
    {
        TimeSpan job = TimeSpan.FromSeconds(done.GetProperty("seconds").GetDouble());
        TimeSpan first = TimeSpan.FromSeconds(done.GetProperty("firstVerifiedSeconds").GetDouble());
        return begun with { Paths = _paths, FirstByteOfJob = first, FirstByte = clock.Elapsed - job + first, Direct = _direct - _started, Total = clock.Elapsed };
    }
}
