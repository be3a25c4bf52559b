namespace CS3103P2P.Simulation;

/// <summary>Something that acts when it was touched.</summary>
internal interface IPumped
{
    /// <summary>Whether it waits for its turn.</summary>
    bool IsTouched { get; set; }

    /// <summary>Does all that there is to do now.</summary>
    void Pump();
}
