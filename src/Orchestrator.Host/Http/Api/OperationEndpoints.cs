using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Core.Operations;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Http.Validation;

namespace Orchestrator.Host.Http.Api;

/// <summary>Freezes, schedules, explanations and the audit trail.</summary>
internal static class OperationEndpoints
{
    private const int MaxNameLength = 255;
    private const int MaxReasonLength = 1024;

    /// <summary>Stands for the freeze of everything where the others have a cluster's name; sorts before them.</summary>
    private const string Everything = "*";

    public static void MapOperations(this IEndpointRouteBuilder api)
    {
        MapFreezes(api.MapGroup("/freezes").WithTags("Freezes"));
        api.MapPost("/journal/adopt", AdoptJournal)
            .WithTags("Audit")
            .WithName("AdoptJournal")
            .WithSummary("Continues with a new journal after the old one was lost, with an epoch above the one that the members obey.")
            .WithDescription("409 while the members obey this supervisor, or another supervisor is still active. The answer names what was lost.")
            .Needs(Permission.Operate, ClusterSource.Handler)
            .Takes<ReasonBody>("application/json")
            .Produces<JournalAdoptedDto>()
            .ProducesProblems(400, 409, 413, 503);
        api.MapGet("/schedules", Schedules)
            .WithTags("Schedules")
            .WithName("ListSchedules")
            .WithSummary("The configured schedules with their rules, windows and next times.")
            .WithDescription($"{Paging.Description} A caller limited to some clusters sees only the schedules that cover one of them.")
            .Needs(Permission.View, ClusterSource.Handler)
            .Produces<ScheduleListDto>()
            .ProducesProblems(400, 503);
        api.MapGet("/clusters/{cluster}/explain", Explain)
            .WithTags("Clusters")
            .WithName("Explain")
            .WithSummary("For each unit: when it was last compacted and what that freed, why not since then, what happens next and when.")
            .Needs(Permission.View, ClusterSource.Route)
            .Produces<ExplanationDto>()
            .ProducesProblems(400, 404, 503);
        api.MapGet("/audit", Audit)
            .WithTags("Audit")
            .WithName("ReadAudit")
            .WithSummary("The audit trail: who ordered what. Pages go by the entries' numbers; times choose entries.")
            .WithDescription(
                "after, before: only entries with a higher, a lower number. since, until: only entries from a time on, before a time, such as 2026-02-01T06:00:00Z. "
                + "order: oldest-first (the default) or newest-first. limit: 1 to 1000, 100 unless given; a page may end earlier. "
                + "next: what to give as after, or with newest-first as before, for the next page; absent at the end. "
                + "A caller limited to some clusters sees their entries only, so a page may be empty and have a next one.")
            .Needs(Permission.View, ClusterSource.Handler)
            .Produces<AuditDto>()
            .ProducesProblems(400, 503);
    }

    private static void MapFreezes(RouteGroupBuilder freezes)
    {
        freezes.MapGet("", ListFreezes)
            .WithName("ListFreezes")
            .WithSummary("The freezes in force, that of everything first, the others by cluster.")
            .WithDescription(Paging.Description)
            .Needs(Permission.View, ClusterSource.Handler)
            .Produces<FreezeListDto>()
            .ProducesProblems(400, 503);
        freezes.MapPost("", StartFreeze)
            .WithName("StartFreeze")
            .WithSummary("The kill switch: nothing new starts, in one cluster or everywhere.")
            .WithDescription("Running steps finish, then their runs wait. 409 where a freeze is in force already, with who, why and until when; replace: true takes its place.")
            .Needs(Permission.Operate, ClusterSource.Handler)
            .Takes<FreezeBody>("application/json")
            .Produces<FreezeListDto>()
            .ProducesProblems(400, 404, 409, 413, 503);
        freezes.MapDelete("", (HttpContext http, Administration administration, CancellationToken cancellationToken) =>
                LiftFreeze("", http, administration, cancellationToken))
            .WithName("LiftFreezeEverywhere")
            .WithSummary("Lifts the freeze of everything.")
            .Needs(Permission.Operate, ClusterSource.Handler)
            .Produces<FreezeListDto>()
            .ProducesProblems(404, 409, 503);
        freezes.MapDelete("/{cluster}", LiftFreeze)
            .WithName("LiftFreeze")
            .WithSummary("Lifts the freeze of one cluster.")
            .Needs(Permission.Operate, ClusterSource.Route)
            .Produces<FreezeListDto>()
            .ProducesProblems(404, 409, 503);
    }

    /// <summary>It concerns all clusters, so it needs the permission for all.</summary>
    private static async Task<IResult> AdoptJournal(HttpContext http, SupervisorGateway supervisor, CancellationToken cancellationToken)
    {
        if (http.Refusal(Permission.Operate, "") is { } refusal)
        {
            return refusal;
        }

        var (body, problem) = await Bodies.ReadOptionalJson(http.Request, new ReasonBody(null), RunControlEndpoints.ReadReason, cancellationToken);
        return body is null
            ? problem!
            : await supervisor.Answer<JournalAdopted>(
                new AdoptJournal(http.Caller().Name, body.Reason ?? ""),
                SupervisorGateway.Quick,
                adopted => TypedResults.Ok(new JournalAdoptedDto(adopted.FormerEpoch, adopted.Epoch, adopted.Clusters, adopted.Lost)),
                cancellationToken);
    }

    private static async Task<IResult> ListFreezes(
        HttpContext http,
        Administration administration,
        CancellationToken cancellationToken,
        [FromQuery] string? after = null,
        [FromQuery] string? limit = null)
    {
        var query = new QueryValues(http.Request);
        var paging = Paging.Read(query);
        return query.Problem ?? Page(await administration.Freezes(http.Caller(), cancellationToken), paging);
    }

    private static async Task<IResult> StartFreeze(
        HttpContext http, Administration administration, TimeProvider time, CancellationToken cancellationToken)
    {
        var (body, problem) = await Bodies.ReadJson(
            http.Request, (element, errors) => ReadFreeze(element, time.GetUtcNow(), errors), cancellationToken);
        return body is null
            ? problem!
            : Page(await administration.Freeze(http.Caller(), body.Cluster, body.Reason, body.Until, body.Replace, cancellationToken), Paging.None);
    }

    private static async Task<IResult> LiftFreeze(
        string cluster, HttpContext http, Administration administration, CancellationToken cancellationToken) =>
        Page(await administration.Lift(http.Caller(), cluster, cancellationToken), Paging.None);

    private static IResult Page((IReadOnlyList<FreezeDto>? Freezes, IResult? Problem) answer, Paging paging)
    {
        if (answer.Freezes is null)
        {
            return answer.Problem!;
        }

        var (page, next) = paging.Of(answer.Freezes, freeze => freeze.Cluster ?? Everything);
        return TypedResults.Ok(new FreezeListDto(page) { Next = next });
    }

    private static async Task<IResult> Schedules(
        HttpContext http,
        Administration administration,
        CancellationToken cancellationToken,
        [FromQuery] string? after = null,
        [FromQuery] string? limit = null)
    {
        var query = new QueryValues(http.Request);
        var paging = Paging.Read(query);
        if (query.Problem is { } wrong)
        {
            return wrong;
        }

        var (list, problem) = await administration.Schedules(http.Caller(), cancellationToken);
        if (list is null)
        {
            return problem!;
        }

        var (page, next) = paging.Of(list.Schedules, schedule => schedule.Name);
        return TypedResults.Ok((list with { Schedules = page }).ToDto() with { Next = next });
    }

    private static async Task<IResult> Explain(
        string cluster,
        HttpContext http,
        Administration administration,
        CancellationToken cancellationToken,
        [FromQuery] string? database = null,
        [FromQuery] string? collection = null)
    {
        var query = new QueryValues(http.Request);
        if (string.IsNullOrEmpty(database) && !string.IsNullOrEmpty(collection))
        {
            query.Error("collection", "needs database");
        }

        return query.Problem ?? (await administration.Explain(http.Caller(), cluster, database ?? "", collection ?? "", cancellationToken)).AsResult();
    }

    private static async Task<IResult> Audit(
        HttpContext http,
        Administration administration,
        CancellationToken cancellationToken,
        [FromQuery] string? after = null,
        [FromQuery] string? before = null,
        [FromQuery] string? since = null,
        [FromQuery] string? until = null,
        [FromQuery] string? order = null,
        [FromQuery] string? limit = null)
    {
        var query = new QueryValues(http.Request);
        var request = new ReadAudit(query.Whole("after", 0, long.MaxValue, 0), Paging.LimitOf(query))
        {
            Before = query.Whole("before", 1, long.MaxValue, 0),
            Since = query.Time("since"),
            Until = query.Time("until"),
            NewestFirst = query.OneOf("order", "oldest-first", "newest-first") == "newest-first",
        };
        if (request.Until <= request.Since)
        {
            query.Error("until", "must be later than since");
        }

        if (request.Before > 0 && request.Before <= request.After + 1)
        {
            query.Error("before", $"must be at least {request.After + 2}: between it and after there is no entry");
        }

        return query.Problem ?? (await administration.Audit(http.Caller(), request, cancellationToken)).AsResult();
    }

    private static FreezeBody ReadFreeze(JsonElement body, DateTimeOffset now, List<FieldErrorDto> errors)
    {
        var fields = new JsonFields(body, "", errors);
        var isObject = body.ValueKind == JsonValueKind.Object;
        var freeze = new FreezeBody(
            fields.Text("cluster", MaxNameLength) is { Length: > 0 } cluster ? cluster : null,
            fields.Text("reason", MaxReasonLength, required: isObject) ?? "",
            fields.Time("until"),
            fields.Flag("replace") ?? false);
        if (freeze.Until <= now)
        {
            fields.Error("until", $"is in the past; the server's time is {now:u}");
        }

        fields.RejectUnknown();
        return freeze;
    }
}
