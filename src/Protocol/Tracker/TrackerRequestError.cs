namespace CS3103P2P.Protocol;

/// <summary>What is wrong with a message to the tracker; <see cref="None"/> when nothing is.</summary>
public enum TrackerRequestError
{
    /// <summary>Well formed.</summary>
    None = 0,

    /// <summary>A reply of a tracker (<c>RESPONSE</c>, <c>ERROR</c>, <c>CHALLENGE</c>); never answered, so that two programs cannot answer each other for ever.</summary>
    IsReply,

    /// <summary>Does not begin with a word that the tracker knows.</summary>
    UnknownVerb,

    /// <summary>The flag is not a digit from 1 to 7.</summary>
    UnknownFlag,

    /// <summary>FILENAME is missing.</summary>
    MissingName,

    /// <summary>FILENAME is not a valid name.</summary>
    BadName,

    /// <summary>CHUNK NO is missing.</summary>
    MissingChunk,

    /// <summary>CHUNK NO is not a number from 1 to 2147483647.</summary>
    BadChunk,

    /// <summary>IP ADDRESS is missing.</summary>
    MissingAddress,

    /// <summary>IP ADDRESS or the port is not valid.</summary>
    BadAddress,

    /// <summary>There are more fields than the flag takes.</summary>
    TooManyFields,

    /// <summary>A known extension has a malformed value or stands twice.</summary>
    BadExtension,

    /// <summary>An extension that the message needs is missing.</summary>
    MissingExtension,
}
