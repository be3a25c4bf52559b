using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CS3103P2P.Peer;

/// <summary>How a download is kept on disk.</summary>
internal sealed class DownloadTargetOptions
{
    /// <summary>Whether a target with other content is replaced once the download is complete; otherwise it is an error. Default: false.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether a partial download of something else is thrown away; otherwise it is an error. Default: false.</summary>
    public bool ReplaceOtherPartial { get; init; }

    /// <summary>The file system. Default: that of this machine.</summary>
    public IDisk Disk { get; init; } = new LocalDisk();

    /// <summary>Names the running kernel, so that data which was not synced is trusted when it has not restarted. All zero: never.</summary>
    public Guid BootId { get; init; } = KernelBoot.ReadId();

    /// <summary>For the delays of the journal. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told of damage that was repaired and of failures in the background.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
