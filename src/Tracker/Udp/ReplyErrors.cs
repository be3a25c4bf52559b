using CS3103P2P.Protocol;
using CS3103P2P.Tracker.Registry;

namespace CS3103P2P.Tracker.Udp;

/// <summary>Writes <c>ERROR code reason</c>. The reason gives way where the reply would grow too long for what it answers.</summary>
internal static class ReplyErrors
{
    /// <summary>The reply to a malformed request.</summary>
    public static void Write(ref TrackerTextWriter reply, in TrackerCall call, TrackerRequestError error) =>
        Write(ref reply, call, TrackerErrorCode.Malformed, ReasonOf(error));

    /// <summary>The reply to a registration that was refused.</summary>
    public static void Write(ref TrackerTextWriter reply, in TrackerCall call, RegistryResult result)
    {
        switch (result)
        {
            case RegistryResult.BadDescription:
                Write(ref reply, call, TrackerErrorCode.Conflict, "size, chunk size and chunks do not fit together"u8);
                break;
            case RegistryResult.TooManyContents:
                Write(ref reply, call, TrackerErrorCode.Conflict, "too many different contents have this name"u8);
                break;
            case RegistryResult.TooMuch:
                Write(ref reply, call, TrackerErrorCode.TooMuch, "you have registered too much"u8);
                break;
            default:
                Write(ref reply, call, TrackerErrorCode.Full, "the tracker is full"u8);
                break;
        }
    }

    /// <summary>An error reply with any code and reason.</summary>
    public static void Write(ref TrackerTextWriter reply, in TrackerCall call, TrackerErrorCode code, ReadOnlySpan<byte> reason)
    {
        Span<byte> tail = stackalloc byte[TrackerLimits.MaxIdLength + 4];
        var id = new TrackerTextWriter(tail);
        if (call.Request.Extensions.HasId) id.Extension("id"u8, call.Request.Extensions.Id);
        reply.Rewind(0);
        reply.Text("ERROR "u8);
        reply.Number((int)code);
        bool limitedByFactor = call.IsExtended && !call.IsProven;
        int limit = limitedByFactor ? call.RequestBytes * TrackerLimits.MaxUnprovenAmplification : call.RequestBytes + TrackerLimits.MaxErrorOverheadBytes;
        if (reply.Length + 1 + reason.Length + id.Length <= limit)
        {
            reply.Text(" "u8);
            reply.Text(reason);
        }

        reply.Text(id.Written);
    }

    private static ReadOnlySpan<byte> ReasonOf(TrackerRequestError error) => error switch
    {
        TrackerRequestError.UnknownFlag => "the flag must be a digit from 1 to 7"u8,
        TrackerRequestError.MissingName => "FILENAME is missing"u8,
        TrackerRequestError.BadName => "FILENAME is not a valid name"u8,
        TrackerRequestError.MissingChunk => "CHUNK NO is missing"u8,
        TrackerRequestError.BadChunk => "CHUNK NO must be a number from 1 to 2147483647"u8,
        TrackerRequestError.MissingAddress => "IP ADDRESS is missing"u8,
        TrackerRequestError.BadAddress => "IP ADDRESS or port is not valid"u8,
        TrackerRequestError.TooManyFields => "too many fields; spaces in names are written %20"u8,
        TrackerRequestError.BadExtension => "an extension is malformed or stands twice"u8,
        TrackerRequestError.MissingExtension => "an extension is missing"u8,
        _ => "a request begins with REQUEST and a flag"u8,
    };
}
