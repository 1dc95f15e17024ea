package org.blktrack.boot;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.blktrack.bootscript.Hook;
import org.blktrack.bootscript.Tree;

/** Whether another init system starts a tree now than the one its hooks were put in place for: then nothing runs them. */
final class InitChange {
    private static final String REMEDY = "'blktrack boot remove', then 'blktrack boot install'.";

    private InitChange() {}

    /** One line a hook where it has changed; nothing where it has not, or the init system was named at the installation. */
    static List<HookState> states(Tree tree, InstallReceipt receipt) {
        return sentence(tree, receipt).stream()
                .flatMap(sentence -> Stream.of(Hook.values())
                        .map(hook -> new HookState(
                                hook, receipt.init(), "/sbin/init", HookState.Standing.MISSING, sentence + ": " + REMEDY)))
                .toList();
    }

    /** @throws Refusal OTHER_INIT where it has changed */
    static void refuse(Tree tree, InstallReceipt receipt) {
        sentence(tree, receipt).ifPresent(sentence -> {
            throw new Refusal("OTHER_INIT", "can't renew the hooks: " + sentence, "Put them in place anew: " + REMEDY);
        });
    }

    private static Optional<String> sentence(Tree tree, InstallReceipt receipt) {
        if (receipt.initAsked()) {
            return Optional.empty();
        }
        String now = recognised(tree);
        return now.equals(receipt.init())
                ? Optional.empty()
                : Optional.of(now + " starts this system now, and the hooks are for " + receipt.init());
    }

    private static String recognised(Tree tree) {
        try {
            return InitRecognition.of(tree).toString();
        } catch (Refusal unknown) {
            return "an unknown init system";
        }
    }
}
