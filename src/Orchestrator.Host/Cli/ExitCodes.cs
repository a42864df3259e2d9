using Orchestrator.Host.Cli.ApiClient;

namespace Orchestrator.Host.Cli;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>Refused by a check or by the present state, for example because another run is active or a directory is not empty.</summary>
    public const int Refused = 3;

    /// <summary>Timed out, or nobody answered.</summary>
    public const int Unreachable = 4;

    /// <summary>The exit code for an error answer of the server.</summary>
    public static int For(ApiException e) => e.Problem.Status switch
    {
        StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge => Usage,
        StatusCodes.Status409Conflict or StatusCodes.Status412PreconditionFailed => Refused,
        StatusCodes.Status429TooManyRequests => Unreachable,
        StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout => Unreachable,
        _ => Failed,
    };
}
