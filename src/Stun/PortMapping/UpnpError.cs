namespace CS3103P2P.Stun.PortMapping;

/// <summary>Error codes of UPnP (Device Architecture 1.1 §3.1.3; WANIPConnection:1 §2.4.16, :2 §2.5.16) that change what we do next.</summary>
internal static class UpnpError
{
    public const int InvalidAction = 401;
    public const int InvalidArguments = 402;
    public const int ActionFailed = 501;
    public const int NotAuthorized = 606;
    public const int ConflictInMappingEntry = 718;
    public const int SamePortValuesRequired = 724;
    public const int OnlyPermanentLeasesSupported = 725;
    public const int RemoteHostOnlySupportsWildcard = 726;
    public const int ExternalPortOnlySupportsWildcard = 727;
    public const int NoPortMapsAvailable = 728;
    public const int ConflictWithOtherMechanisms = 729;

    public static PortMappingFailure ToFailure(int code) => code switch
    {
        NotAuthorized => PortMappingFailure.NotAuthorized,
        ConflictInMappingEntry or ConflictWithOtherMechanisms or SamePortValuesRequired => PortMappingFailure.Conflict,
        NoPortMapsAvailable => PortMappingFailure.NoResources,
        _ => PortMappingFailure.Unsupported,
    };
}
