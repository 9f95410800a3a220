package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"portico/platform/outbox"
)

const (
	queueName = "portico"
	// epochKey is gone when Redis has lost its memory.
	epochKey = "portico:epoch"

	// How asynq names its keys. Its inspector would answer too, one task a round trip, but says nothing at all when
	// Redis has forgotten that there is a queue.
	pendingKey  = "asynq:{" + queueName + "}:pending"
	taskKey     = "asynq:{" + queueName + "}:t:"
	stateField  = "state"
	statePend   = "pending"
	queuesKey   = "asynq:queues"
	enqueuers   = 8
	taskTimeout = 24 * time.Hour // asynq's own; handlers have theirs
)

// queue is asynq's queue as the relay uses it: a doorbell.
type queue struct {
	redis     redis.UniversalClient
	client    *asynq.Client
	inspector *asynq.Inspector
}

func newQueue(client redis.UniversalClient) *queue {
	return &queue{client, asynq.NewClientFromRedisClient(client), asynq.NewInspectorFromRedisClient(client)}
}

// state says how many tasks wait, and whether Redis still remembers what it was given.
func (q *queue) state(ctx context.Context) (depth int, remembers bool, err error) {
	var length, epoch *redis.IntCmd
	_, err = q.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		length, epoch = pipe.LLen(ctx, pendingKey), pipe.Exists(ctx, epochKey)
		return nil
	})
	if err != nil {
		return 0, false, err
	}
	return int(length.Val()), epoch.Val() == 1, nil
}

// begin makes Redis remember.
func (q *queue) begin(ctx context.Context) error {
	_, err := q.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.SAdd(ctx, queuesKey, queueName) // the client says it once a process, and it was forgotten
		pipe.Set(ctx, epochKey, time.Now().UTC().Format(time.RFC3339Nano), 0)
		return nil
	})
	return err
}

// ring hands promises to asynq. One that is there already counts as handed over. What fails is asked about later.
func (q *queue) ring(ctx context.Context, promises []outbox.Rung) error {
	share := (len(promises) + enqueuers - 1) / enqueuers
	errs := make(chan error, enqueuers)
	var all sync.WaitGroup
	for first := 0; first < len(promises); first += share {
		part := promises[first:min(first+share, len(promises))]
		all.Go(func() {
			for _, p := range part {
				if err := q.enqueue(ctx, p); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

func (q *queue) enqueue(ctx context.Context, p outbox.Rung) error {
	body := make([]byte, 0, 32)
	body = append(append(body, p.FirmID[:]...), p.ID[:]...)
	_, err := q.client.EnqueueContext(ctx, asynq.NewTask(p.Kind, body),
		asynq.Queue(queueName), asynq.TaskID(taskID(p)), asynq.MaxRetry(0), asynq.Timeout(taskTimeout))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// taskID is new for each ring, so that a copy that asynq still remembers cannot block the next.
func taskID(p outbox.Rung) string {
	return "outbox:" + p.ID.String() + ":" + strconv.Itoa(p.Tries) + "." + strconv.Itoa(p.Dispatches)
}

func promiseOf(task *asynq.Task) (firm, id uuid.UUID, ok bool) {
	body := task.Payload()
	if len(body) != 32 {
		return firm, id, false
	}
	return uuid.UUID(body[:16]), uuid.UUID(body[16:]), true
}

// sort tells promises whose last ring still waits in the queue from those it says nothing good about.
func (q *queue) sort(ctx context.Context, promises []outbox.Rung) (waiting, lost []outbox.Rung, err error) {
	states := make([]*redis.StringCmd, len(promises))
	_, err = q.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for i, p := range promises {
			states[i] = pipe.HGet(ctx, taskKey+taskID(p), stateField)
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, nil, err
	}
	for i, p := range promises {
		if states[i].Val() == statePend {
			waiting = append(waiting, p)
		} else {
			lost = append(lost, p)
		}
	}
	return waiting, lost, nil
}

// purge empties asynq's archive: what its recoverer puts there was rung again long before.
func (q *queue) purge() error {
	_, err := q.inspector.DeleteAllArchivedTasks(queueName)
	if errors.Is(err, asynq.ErrQueueNotFound) {
		return nil
	}
	return err
}

// patient keeps asynq from asking a Redis that is away as fast as it can: its processor does not wait after an error.
type patient struct{ redis.UniversalClient }

func (p patient) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	cmd := p.UniversalClient.EvalSha(ctx, sha, keys, args...)
	if err := cmd.Err(); err != nil && away(err) {
		pause(ctx, 250*time.Millisecond)
	}
	return cmd
}

// away tells trouble with the line from an answer that is an error.
func away(err error) bool {
	var answer redis.Error
	var line net.Error
	return !errors.As(err, &answer) || errors.As(err, &line)
}

// asynqLog gives asynq's few words to our log.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", "said", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Debug("asynq", "said", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", "said", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Warn("asynq", "said", fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq", "said", fmt.Sprint(args...)) }
